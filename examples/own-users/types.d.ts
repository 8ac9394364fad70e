/** The type of a row of this app's users table, as passport keeps it in `req.user`. */
declare namespace Express {
  interface User {
    id: number;
    username: string;
    hash: string;
  }
}
