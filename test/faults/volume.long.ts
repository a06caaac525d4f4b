import { describe } from 'vitest';
import { volumeCases } from './volume.ts';

describe('far more of one thing than anybody sends', () => volumeCases(1_000_000));
