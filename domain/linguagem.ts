import { z } from 'zod';

// What is wrong with a record is read by the people who sent it. Imported wherever a schema speaks to them.
z.config(z.locales.ptBR());
