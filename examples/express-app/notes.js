// @ts-check
/** Stores the notes in memory, newest first, by account id: a user name may belong to somebody else one day. */

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
 * @param {string} text ignored if empty
 */
export function addNote(accountId, text) {
  if (text !== "") notes.set(accountId, [{ text, at: new Date() }, ...notesOf(accountId)]);
}

/** @param {string} accountId */
export function deleteNotes(accountId) {
  notes.delete(accountId);
}
