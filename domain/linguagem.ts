import { z } from 'zod';

// What is wrong with a record is read by the people who sent it. Imported wherever a schema speaks to them.
z.config({
  ...z.locales.ptBR(),
  // The locale says that it "received undefined", which nobody sent.
  customError: ({ code, input }) => (code === 'invalid_type' && input === undefined ? 'obrigatório' : undefined),
});
