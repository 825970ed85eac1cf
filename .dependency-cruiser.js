const SOURCE = 'libs/request-token/src';

/** The folders of the library, from the top down: each imports only from those below it. */
const FLOORS = [
  'testing',
  'options',
  'request',
  'token',
  'operations',
  'pages',
  'http',
  'usage',
  'users',
  'routes',
  'migrations',
  'jwt',
  'entities',
  'database',
  'common',
];

const filesIn = (folders) => `^${SOURCE}/(${folders.join('|')})/`;
const filesInRoot = (but = '') => `^${SOURCE}/${but}[^/]+\\.ts$`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    ...FLOORS.map((folder, floor) => ({
      name: `${folder}-imports-down-only`,
      severity: 'error',
      from: { path: filesIn([folder]) },
      to: { path: [filesInRoot(), ...(floor > 0 ? [filesIn(FLOORS.slice(0, floor))] : [])] },
    })),
    {
      name: 'migrations-are-frozen',
      comment:
        'A released migration never changes, and so it reads nothing that may: of the library, migrations/ alone.',
      severity: 'error',
      from: { path: filesIn(['migrations']) },
      to: { pathNot: [filesIn(['migrations']), '(^|/)node_modules/typeorm/'] },
    },
    {
      name: 'every-folder-has-its-floor',
      comment: 'Add a new folder to FLOORS, and to the table in CONTRIBUTING.md.',
      severity: 'error',
      from: { path: `^${SOURCE}/[^/]+/`, pathNot: filesIn(FLOORS) },
      to: {},
    },
    {
      name: 'root-is-index-and-module',
      comment:
        'What is public is in index.ts, how it is registered in request-token.module.ts; all else is in a folder.',
      severity: 'error',
      from: { path: filesInRoot('(?!index\\.|request-token\\.module\\.)') },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.spec\\.ts$' },
  },
};
