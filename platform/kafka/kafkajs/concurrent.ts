import { isConcurrentTransaction } from './errors.ts';

const ATTEMPTS = 40;
const STEP_MS = 5;

/**
 * Asks for something in a transaction. The broker writes the markers of the one before after it has answered: for some
 * milliseconds the next one must wait, which kafkajs does not, or only by sending again.
 */
export async function afterTheLast<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isConcurrentTransaction(error) || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, STEP_MS * attempt));
    }
  }
}
