import { PASTA_DOS_ARQUIVOS, type Pacote } from './pacote.ts';

const ICONE = encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#0b5cad"/>' +
    '<path d="M4 8.5 7 11.5 12.5 5" fill="none" stroke="#fff" stroke-width="2"/></svg>',
);

export type Tema = 'claro' | 'escuro';

/** The theme the person chose, told by a cookie so that the page is never drawn in the other one first. */
export function temaDe(cookies: string | undefined): Tema | null {
  const achado = /(?:^|;\s*)atendido-tema=(claro|escuro)\b/.exec(cookies ?? '')?.[1];
  return achado === undefined ? null : (achado as Tema);
}

/** The one document of the panel: it holds nothing of anybody, so that there is nothing in it to protect. */
export function documentoDoPainel({ entrada: { script, estilo, antes } }: Pacote, tema: Tema | null): string {
  const pre = antes.map((nome) => `<link rel="modulepreload" href="${PASTA_DOS_ARQUIVOS}${nome}">`).join('');
  return `<!doctype html>
<html lang="pt-BR"${tema === null ? '' : ` data-tema="${tema}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>atendido</title>
<link rel="icon" href="data:image/svg+xml,${ICONE}">
<link rel="stylesheet" href="${PASTA_DOS_ARQUIVOS}${estilo}">
${pre}<script type="module" src="${PASTA_DOS_ARQUIVOS}${script}"></script>
</head>
<body>
<div id="painel"></div>
<noscript>O painel precisa de JavaScript. Sem ele: <code>atendido report</code> e <code>atendido client</code>, ou a api em /docs.</noscript>
</body>
</html>
`;
}
