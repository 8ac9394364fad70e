// @ts-check
/** Everybody's notes, in memory, newest first. They belong to an account's id: its name may be another's one day. */

/** @typedef {{ text: string, at: Date }} Note */

/** @type {Map<string, Note[]>} */
const notes = new Map();

/**
 * @param {string} accountId
 * @returns {readonly Note[]}
 */
export function notesOf(accountId) {
  return notes.get(accountId) ?? [];
}

/**
 * @param {string} accountId
 * @param {string} text an empty one is not kept
 */
export function addNote(accountId, text) {
  if (text !== "") notes.set(accountId, [{ text, at: new Date() }, ...notesOf(accountId)]);
}

/** @param {string} accountId */
export function deleteNotes(accountId) {
  notes.delete(accountId);
}
