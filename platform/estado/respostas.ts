/** What a pipeline answered, in order. @throws its first error */
export function respostas<T>(resultados: [erro: Error | null, resposta: unknown][] | null): T[] {
  return (resultados ?? []).map(([erro, resposta]) => {
    if (erro !== null) throw erro;
    return resposta as T;
  });
}
