import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ErroDaApi } from './nucleo/api.ts';
import { entra } from './nucleo/sessao.ts';

/** The login: a key, which the panel forgets once the session is open. */
export function Entrar() {
  const campo = useRef<HTMLInputElement>(null);
  const erro = useSignal<ErroDaApi | null>(null);
  const entrando = useSignal(false);
  useEffect(() => {
    document.title = 'Entrar · atendido';
    campo.current?.focus();
  }, []);
  const envia = async (evento: SubmitEvent): Promise<void> => {
    evento.preventDefault();
    const chave = campo.current?.value.trim() ?? '';
    if (chave === '') return;
    entrando.value = true;
    erro.value = null;
    try {
      await entra(chave);
    } catch (error) {
      if (!(error instanceof ErroDaApi)) throw error;
      erro.value = error;
      entrando.value = false;
      campo.current?.select();
    }
  };
  return (
    <section class="entrar cartao">
      <h1>Entrar</h1>
      <form onSubmit={(e) => void envia(e)}>
        <label for="chave">Chave de acesso</label>
        <input
          id="chave"
          ref={campo}
          type="password"
          autocomplete="current-password"
          required
          aria-invalid={erro.value !== null}
          aria-describedby="sobre-a-chave"
        />
        <p id="sobre-a-chave" class="fraco">
          A mesma da api. Quem opera o sistema a faz com <code>atendido key create</code>; os papéis dela dizem que
          páginas você vê.
        </p>
        <p role="alert" class="erro">
          {erro.value === null
            ? ''
            : `${erro.value.problema.title}: ${erro.value.message}${erro.value.espera === null ? '' : ` (${erro.value.espera} s)`}`}
        </p>
        <button type="submit" class="principal" disabled={entrando.value}>
          {entrando.value ? 'Entrando…' : 'Entrar'}
        </button>
      </form>
    </section>
  );
}
