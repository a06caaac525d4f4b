/**
 * What stands under a name, made when it is asked for first. What is looked up for every entry by several names is kept
 * in as many levels: one name made of all of them would have to be made each time, and is long.
 */
export function nivel<T>(niveis: Map<string, Map<string, T>>, nome: string): Map<string, T> {
  let um = niveis.get(nome);
  if (um === undefined) {
    um = new Map();
    niveis.set(nome, um);
  }
  return um;
}
