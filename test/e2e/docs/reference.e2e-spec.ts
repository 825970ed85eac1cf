import { beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { pathTo, readDocument } from '../../support/docs.js';

const ENTRIES = ['index.ts', 'testing/index.ts', 'admin/index.ts'].map(
  (name) => `libs/request-token/src/${name}`,
);

/** What users have no say in: it is there because Nest or TypeScript wants it. */
const OF_NO_INTEREST = ['catch', 'canActivate', 'configure', 'intercept', 'controller', 'parts'];

let checker: ts.TypeChecker;
let exported: { name: string; symbol: ts.Symbol }[];
let mentioned: Set<string>;

beforeAll(async () => {
  const { config } = ts.readConfigFile(pathTo('tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, pathTo('.'));
  const program = ts.createProgram(ENTRIES.map(pathTo), options);
  checker = program.getTypeChecker();
  exported = ENTRIES.flatMap((entry) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(pathTo(entry))!)!;
    return checker.getExportsOfModule(module).map((symbol) => ({
      name: symbol.name,
      symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    }));
  });
  const page = await readDocument('docs/reference.md');
  const code = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text).join(' ');
  mentioned = new Set(code.match(/\w+/g));
}, 120_000);

/** Public properties and methods of a class or an interface of ours. */
function membersOf(symbol: ts.Symbol): string[] {
  if (!(symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface))) return [];
  return checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    .filter(({ declarations = [] }) =>
      declarations.every(
        (declaration) =>
          declaration.getSourceFile().fileName.includes('/libs/request-token/src/') &&
          !(
            ts.getCombinedModifierFlags(declaration) &
            (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)
          ),
      ),
    )
    .map(({ name }) => name)
    .filter((name) => !OF_NO_INTEREST.includes(name));
}

describe('docs/reference.md', () => {
  it('has every export', () => {
    expect(exported.length).toBeGreaterThan(60);
    expect(exported.map(({ name }) => name).filter((name) => !mentioned.has(name))).toEqual([]);
  });

  it('has every property and method of what is exported', () => {
    const missing = exported.flatMap(({ name, symbol }) =>
      membersOf(symbol)
        .filter((member) => !mentioned.has(member))
        .map((member) => `${name}.${member}`),
    );
    expect(missing).toEqual([]);
  });

  it('has every code of a refusal', async () => {
    const { RequestTokenErrorCode } = await import('nestjs-request-token');
    expect(Object.keys(RequestTokenErrorCode).filter((code) => !mentioned.has(code))).toEqual([]);
  });
});
