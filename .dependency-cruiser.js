const SOURCE = 'libs/request-token/src';

/** The folders of the library, from the top down: each imports only from those below it. */
const FLOORS = [
  'admin',
  'cli',
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
      name: 'jwt-is-pure',
      comment: 'Text to claims and back, for which nothing is asked of anybody.',
      severity: 'error',
      from: { path: filesIn(['jwt']) },
      to: {
        path: [
          filesIn(['entities']),
          // When PostgreSQL's time begins is no I/O.
          `^${SOURCE}/database/(?!timestamp\\.)`,
          '^(fs|net|http2?|https|tls|dns)(/|$)',
        ],
      },
    },
    {
      name: 'database-knows-nothing-of-tokens',
      severity: 'error',
      from: { path: filesIn(['database']) },
      to: { path: `^${SOURCE}/common/(claims|exception|redact|scope)\\.` },
    },
    {
      name: 'every-folder-has-its-floor',
      comment: 'Add a new folder to FLOORS, and to the table in CONTRIBUTING.md.',
      severity: 'error',
      from: {},
      to: { path: `^${SOURCE}/[^/]+/`, pathNot: filesIn(FLOORS) },
    },
    {
      name: 'root-is-index-and-module',
      comment:
        'What is public is in index.ts, how it is registered in request-token.module.ts; all else is in a folder.',
      severity: 'error',
      from: {},
      to: { path: filesInRoot('(?!index\\.|request-token\\.module\\.)') },
    },
    {
      name: 'testing-is-an-entry-of-its-own',
      comment: 'nestjs-request-token/testing: nobody loads it in production.',
      severity: 'error',
      from: { path: filesInRoot() },
      to: { path: filesIn(['testing']) },
    },
    {
      name: 'admin-is-an-entry-of-its-own',
      comment: 'nestjs-request-token/admin: whoever does not mount it loads no renderer.',
      severity: 'error',
      from: { path: [filesInRoot(), filesIn(FLOORS.filter((folder) => folder !== 'admin'))] },
      to: { path: filesIn(['admin']) },
    },
    {
      name: 'cli-is-a-program-of-its-own',
      comment: 'npx request-token: no app loads it.',
      severity: 'error',
      from: { path: [filesInRoot(), filesIn(FLOORS.filter((folder) => folder !== 'cli'))] },
      to: { path: filesIn(['cli']) },
    },
    {
      name: 'only-what-is-installed-with-it',
      comment:
        'The dependencies and peers in libs/request-token/package.json; what only the workspace has, users lack.',
      severity: 'error',
      from: {},
      to: {
        pathNot: `^${SOURCE}/`,
        dependencyTypesNot: ['core', 'npm', 'npm-peer'],
      },
    },
    {
      name: 'no-dead-file',
      comment: 'Whatever none of the entries reaches.',
      severity: 'error',
      from: { path: `^${SOURCE}/(((testing|admin)/)?index|cli/main)\\.ts$` },
      to: {
        path: `^${SOURCE}/`,
        pathNot: `^${SOURCE}/(((testing|admin)/)?index|cli/main)\\.ts$`,
        reachable: false,
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'default', 'types'],
    },
    exclude: { path: '\\.spec\\.ts$' },
  },
};
