export { CodedError } from './errors.ts';
