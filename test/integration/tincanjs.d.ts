/** The part of tincanjs the tests call; it comes without types. */
declare module 'tincanjs' {
  interface Chamada {
    callback: (err: unknown, xhr: { status: number; responseText: string }) => void;
  }

  class LRS {
    constructor(cfg: { endpoint: string; username: string; password: string; version?: string });
    about(cfg: { callback: (err: unknown, about: { version: string[] }) => void }): void;
    saveStatement(statement: Statement, cfg: Chamada): void;
    saveStatements(statements: Statement[], cfg: Chamada): void;
  }

  class Statement {
    /** `doStamp`: id and timestamp are made where there are none. */
    constructor(cfg: object, opcoes?: { doStamp?: boolean });
    id: string | null;
  }

  const TinCan: { LRS: typeof LRS; Statement: typeof Statement };

  export type { Statement };
  export default TinCan;
}
