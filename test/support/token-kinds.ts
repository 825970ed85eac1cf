import type { RequestTokenModuleOptions } from 'nestjs-request-token';
import { ADAPTER_NAMES, type AdapterName } from './adapters.js';

type Defaults = NonNullable<RequestTokenModuleOptions['defaults']>;

/** Defaults of the module that make its tokens of this kind. */
const TOKEN_KINDS = {
  stored: {},
  deferred: { deferred: true, expiresIn: '1h' },
} satisfies Record<string, Defaults>;

export type TokenKind = keyof typeof TOKEN_KINDS;

const kinds = Object.entries(TOKEN_KINDS) as [TokenKind, Defaults][];

/** For `describe.each`: what is guaranteed of tokens, is of every kind on each platform. */
export const ADAPTERS_AND_KINDS = ADAPTER_NAMES.flatMap((adapter) =>
  kinds.map(([kind, defaults]): [AdapterName, TokenKind, Defaults] => [adapter, kind, defaults]),
);
