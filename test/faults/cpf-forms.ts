/** Digits with the points and the dash of a CPF, as far as they go. */
export function pontuado(digits: string): string {
  const [a, b, c, d] = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6, 9), digits.slice(9)];
  return [a, b, c].filter((part) => part !== '').join('.') + (d === '' ? '' : `-${d}`);
}

/** What people, systems and libraries make of a CPF. */
export const FORMS: readonly ((cpf: string) => string | Buffer)[] = [
  (cpf) => cpf,
  pontuado,
  (cpf) => `maria ${pontuado(cpf).replaceAll('.', ' ')} souza`,
  (cpf) => `${cpf.slice(0, 9)}-${cpf.slice(9)}`,
  (cpf) => encodeURIComponent(pontuado(cpf).replaceAll('.', '/')),
  (cpf) => `000${cpf}`,
  (cpf) => `00000000-0000-0000-0000-0${cpf}`,
  (cpf) => cpf.padStart(32, '0'),
  ...[0, 1, 2].flatMap((n) => [
    (cpf: string) => Buffer.from(`${'x'.repeat(n)}${cpf}yz`).toString('base64'),
    (cpf: string) => Buffer.from(`${'x'.repeat(n)}${pontuado(cpf)}yz`).toString('base64'),
  ]),
  (cpf) => Buffer.from(`id=${cpf}`).toString('hex'),
  (cpf) => JSON.stringify(Buffer.from(cpf)),
  (cpf) => Buffer.from(pontuado(cpf), 'utf16le'),
];
