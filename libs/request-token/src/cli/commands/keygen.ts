import { generateKeyPairSync, type KeyPairKeyObjectResult, randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { RequestTokenAlgorithm } from '../../jwt/key-material.js';
import { KeyRing } from '../../jwt/key-ring.js';
import { UsageError } from '../exit-code.js';
import { print } from '../output.js';

const SECRET_BYTES = { HS256: 48, HS384: 48, HS512: 64 };
const RSA_BITS = 2_048;

interface Material {
  alg: RequestTokenAlgorithm;
  secret?: string;
  privateKey?: string;
  publicKey?: string;
  /** The line for the environment. */
  env: string;
  /** What to give as `keys`. */
  keys: string;
}

interface Key extends Material {
  /** What its JWTs name it by, and `check` as well. */
  kid: string;
}

export function addKeygen(program: Command): void {
  program
    .command('keygen')
    .description('makes a secret or a pair of keys, and prints the line for the environment')
    .option('--alg <algorithm>', 'HS256, HS384, HS512, ES256, EdDSA, RS256 or PS256', 'HS256')
    .option('--json', 'print JSON')
    .action(async ({ alg, json }: { alg: RequestTokenAlgorithm; json?: boolean }) => {
      const made = Object.hasOwn(SECRET_BYTES, alg)
        ? secretKey(alg as keyof typeof SECRET_BYTES)
        : pairOf(alg);
      const key: Key = { kid: await kidOf(made), ...made };
      print(json, key, () => [
        `# Key ${key.kid}, ${alg}`,
        '# For the environment, and nowhere else:',
        key.env,
        '# RequestTokenModule.forRoot({ … })',
        `keys: ${key.keys},`,
        ...(key.publicKey ? ['# For services that only verify:', key.publicKey.trim()] : []),
      ]);
    });
}

async function kidOf({ alg, secret, privateKey }: Material): Promise<string> {
  const ring = await KeyRing.create([{ alg, secret, privateKey }]);
  return ring.summary()[0].kid;
}

function secretKey(alg: keyof typeof SECRET_BYTES): Material {
  const secret = randomBytes(SECRET_BYTES[alg]).toString('base64url');
  const variable = 'process.env.REQUEST_TOKEN_SECRET';
  return {
    alg,
    secret,
    env: `REQUEST_TOKEN_SECRET=${secret}`,
    keys: alg === 'HS256' ? variable : `[{ alg: '${alg}', secret: ${variable} }]`,
  };
}

function pairOf(alg: RequestTokenAlgorithm): Material {
  const { privateKey, publicKey } = generate(alg);
  return {
    alg,
    privateKey,
    publicKey,
    // Lines and all: what reads .env files takes them between quotes.
    env: `REQUEST_TOKEN_PRIVATE_KEY="${privateKey.trim()}"`,
    keys: `[{ alg: '${alg}', privateKey: process.env.REQUEST_TOKEN_PRIVATE_KEY }]`,
  };
}

function generate(alg: RequestTokenAlgorithm): { privateKey: string; publicKey: string } {
  switch (alg) {
    case 'ES256':
      return pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    case 'EdDSA':
      return pem(generateKeyPairSync('ed25519'));
    case 'RS256':
    case 'PS256':
      return pem(generateKeyPairSync('rsa', { modulusLength: RSA_BITS }));
    default:
      throw new UsageError(
        `There is no algorithm ${alg}; there are HS256, HS384, HS512, ES256, EdDSA, RS256, PS256.`,
      );
  }
}

const pem = ({ privateKey, publicKey }: KeyPairKeyObjectResult) => ({
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
});
