// Adds up vitest's JSON reports and prints what failed and why, then `N passed, N failed`; a run that failed without a
// failed test counts as one.
import { readdirSync, readFileSync } from 'node:fs';

const [folder, status] = process.argv.slice(2);
let passed = 0;
let failed = 0;
const MOST_OF_A_MESSAGE = 600;

function failuresOf(report) {
  const all = report.testResults.flatMap((file) => [
    ...file.assertionResults.filter((test) => test.status === 'failed'),
    ...(file.message ? [{ fullName: file.name, failureMessages: [file.message] }] : []),
  ]);
  return all.map((test) => `✗ ${test.fullName}\n  ${test.failureMessages.join(' | ').slice(0, MOST_OF_A_MESSAGE)}`);
}

try {
  for (const name of readdirSync(folder).filter((n) => n.endsWith('.json'))) {
    const report = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
    for (const failure of failuresOf(report)) console.log(failure);
    passed += report.numPassedTests;
    failed += report.numFailedTests + (report.success || report.numFailedTests > 0 ? 0 : 1);
  }
} catch (error) {
  console.error(`no report to add up: ${error.message}`);
}
if (status !== '0' && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
