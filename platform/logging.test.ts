import { expect, it } from 'vitest';
import { erroSemCpf } from './logging.ts';

it('an error is logged without the CPF it quotes, nor what else it carries', () => {
  const causa = new SyntaxError('Unexpected token in "52998224725"');
  const erro = Object.assign(new TypeError('não é 529.982.247-25', { cause: causa }), {
    code: 'X',
    corpo: '52998224725',
  });
  const texto = JSON.stringify(erroSemCpf(new AggregateError([erro, '52998224725'], '52998224725')));
  expect(texto).not.toMatch(/52998224725|529\.982/);
  expect(erroSemCpf(erro)).toMatchObject({ type: 'TypeError', code: 'X', message: expect.stringMatching(/^não é/) });
  expect(JSON.stringify(erroSemCpf(erro))).toContain('logging.test.ts');
});
