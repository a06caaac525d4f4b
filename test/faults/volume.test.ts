import { describe } from 'vitest';
import { volumeCases } from './volume.ts';

describe('more of one thing than anybody sends', () => volumeCases(100_000));
