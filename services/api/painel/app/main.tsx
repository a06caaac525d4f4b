import { render } from 'preact';
import { segueLinks } from './nucleo/rota.ts';
import { descobre } from './nucleo/sessao.ts';
import { Painel } from './painel.tsx';

const raiz = document.getElementById('painel');
if (raiz === null) throw new Error('a página não tem onde mostrar o painel');
segueLinks();
void descobre();
render(<Painel />, raiz);
