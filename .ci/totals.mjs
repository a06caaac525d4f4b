// Adds up vitest's JSON reports and prints `N passed, N failed`; a run that failed without a failed test counts as one.
import { readdirSync, readFileSync } from 'node:fs';

const [folder, status] = process.argv.slice(2);
let passed = 0;
let failed = 0;
try {
  for (const name of readdirSync(folder).filter((n) => n.endsWith('.json'))) {
    const report = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
    passed += report.numPassedTests;
    failed += report.numFailedTests + (report.success || report.numFailedTests > 0 ? 0 : 1);
  }
} catch (error) {
  console.error(`no report to add up: ${error.message}`);
}
if (status !== '0' && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
