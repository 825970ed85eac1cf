// `npm run test:history -- --seconds 60 --seed 7 --processes 3 --tokens 6`; what it does not know goes to Jest.
//
// Plain JavaScript, because node runs it directly.
import { randomInt } from 'node:crypto';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { run } from 'jest';

const options = { seconds: 60, seed: randomInt(1_000_000), processes: 3, tokens: 6 };
const forJest = [];
const given = process.argv.slice(2);
while (given.length > 0) {
  const [argument, ...parts] = given.shift().split('=');
  const name = argument.slice(2);
  if (argument.startsWith('--') && name in options) {
    const value = Number(parts.length > 0 ? parts.join('=') : given.shift());
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`${argument} has to be a whole number from 1 on`);
    options[name] = value;
  } else forJest.push([argument, ...parts].join('='));
}

// The specs read them there.
process.env.HISTORY_OPTIONS = JSON.stringify(options);
await run(['-c', fileURLToPath(new URL('./jest.config.js', import.meta.url)), ...forJest]);
