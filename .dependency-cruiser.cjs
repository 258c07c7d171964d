/**
 * Imports run in one direction. Each rule lists what a folder may reach; everything else is refused.
 * `db` may be imported as types only by monitor, delivery and bot: its functions are handed to them by app.ts.
 */
const own = (folder) => `^${folder}/`

/** Code under `from` may import ours only from `to`, and packages only from `packages`. */
function only({ name, from, to, packages }) {
  const rules = [
    {
      name: `${name}-ours`,
      severity: 'error',
      from,
      to: { path: '^(src|protocols|db|test)/', pathNot: to },
    },
  ]
  return [
    ...rules,
    {
      name: `${name}-packages`,
      severity: 'error',
      from,
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional'],
        ...(packages.length > 0 && { pathNot: packages.map((name) => `node_modules/${name}/`) }),
      },
    },
  ]
}

const protocols = ['neverland', 'morpho', 'curvance', 'euler', 'meteora']

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-from-test',
      severity: 'error',
      from: { path: '^(src|protocols|db)/' },
      to: { path: own('test') },
    },
    {
      name: 'app-is-the-root',
      severity: 'error',
      from: { path: '^(src|protocols|db)/', pathNot: '^src/main\\.ts$' },
      to: { path: '^src/(app|main)\\.ts$' },
    },
    {
      name: 'wiring-belongs-to-the-root',
      severity: 'error',
      from: { path: '^(src|protocols|db)/', pathNot: '^src/(app\\.ts$|wiring/|doctor/run\\.ts$)' },
      to: { path: own('src/wiring') },
    },
    {
      name: 'pure-core-has-no-node',
      severity: 'error',
      from: { path: '^src/(domain|views)/' },
      to: { dependencyTypes: ['core'] },
    },
    ...only({ name: 'domain', from: { path: own('src/domain') }, to: [own('src/domain')], packages: [] }),
    ...only({
      name: 'chain',
      from: { path: own('src/chain') },
      to: [own('src/chain'), own('src/domain'), '^src/errors\\.ts$'],
      packages: ['ethers', 'bottleneck', 'zod', 'undici', 'lru-cache'],
    }),
    {
      name: 'bottleneck-in-limiter-only',
      severity: 'error',
      from: { pathNot: '^src/chain/limiter\\.ts$' },
      to: { path: 'node_modules/bottleneck/' },
    },
    ...protocols.flatMap((protocol) =>
      only({
        name: `protocol-${protocol}`,
        from: { path: own(`protocols/${protocol}`) },
        to: [
          own(`protocols/${protocol}`),
          '^protocols/strategy\\.ts$',
          own('src/chain'),
          own('src/domain'),
          '^src/errors\\.ts$',
        ],
        packages: ['ethers', 'graphql-request', 'zod'],
      }),
    ),
    ...only({
      name: 'db',
      from: { path: own('db') },
      to: [own('db'), own('src/domain'), '^src/errors\\.ts$'],
      packages: ['kysely', 'better-sqlite3', 'pg', '@types/better-sqlite3', '@types/pg'],
    }),
    ...only({
      name: 'monitor',
      from: { path: '^src/(monitor|pools)/' },
      to: [
        '^src/(monitor|pools)/',
        own('src/domain'),
        own('src/chain'),
        '^src/errors\\.ts$',
        '^protocols/strategy\\.ts$',
        own('db'),
      ],
      packages: ['p-limit'],
    }),
    ...only({
      name: 'delivery',
      from: { path: own('src/delivery') },
      to: [own('src/delivery'), own('src/domain'), own('src/views'), '^src/errors\\.ts$', own('db')],
      packages: ['grammy'],
    }),
    {
      name: 'grammy-in-telegram-only',
      severity: 'error',
      from: { path: own('src/delivery'), pathNot: '^src/delivery/telegram\\.ts$' },
      to: { path: 'node_modules/grammy/' },
    },
    ...only({
      name: 'views',
      from: { path: own('src/views') },
      to: [own('src/views'), own('src/domain')],
      packages: ['@grammyjs/parse-mode'],
    }),
    ...only({
      name: 'bot',
      from: { path: own('src/bot') },
      to: [own('src/bot'), own('src/domain'), own('src/views'), '^src/errors\\.ts$', own('db')],
      packages: ['grammy', '@grammyjs/parse-mode'],
    }),
    ...only({
      name: 'ops',
      from: { path: own('src/ops') },
      to: [own('src/ops'), own('src/domain'), '^src/errors\\.ts$', '^src/config\\.ts$'],
      packages: ['pino', 'sharp'],
    }),
    {
      name: 'sharp-in-png-renderer-only',
      severity: 'error',
      from: { path: '^(src|protocols|db)/', pathNot: '^src/ops/png-renderer\\.ts$' },
      to: { path: 'node_modules/(sharp|dejavu-fonts-ttf)/' },
    },
    ...only({
      name: 'doctor',
      from: { path: own('src/doctor') },
      to: [
        own('src/doctor'),
        own('src/chain'),
        own('src/delivery'),
        own('src/domain'),
        own('src/monitor'),
        own('src/ops'),
        own('db'),
        '^protocols/strategy\\.ts$',
        '^src/config(-schema|-variable)?\\.ts$',
        '^src/errors\\.ts$',
        '^src/wiring/reading\\.ts$',
      ],
      packages: ['grammy'],
    }),
    ...only({
      name: 'import-users',
      from: { path: own('src/import-users') },
      to: [
        own('src/import-users'),
        own('src/domain'),
        own('db'),
        '^src/chain/address\\.ts$',
        '^src/config-(schema|variable)\\.ts$',
        '^src/errors\\.ts$',
      ],
      packages: [],
    }),
    {
      name: 'import-users-stands-alone',
      severity: 'error',
      from: { path: '^(src|protocols|db)/', pathNot: own('src/import-users') },
      to: { path: own('src/import-users') },
    },
    {
      name: 'better-sqlite3-in-db-only',
      severity: 'error',
      from: { path: '^(src|protocols)/' },
      to: { path: 'node_modules/(@types/)?better-sqlite3/' },
    },
    {
      name: 'db-and-chain-as-types-only',
      severity: 'error',
      from: { path: '^src/(monitor|pools|delivery|bot)/' },
      to: { path: '^(db|src/chain)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-fake-bot-api-stands-alone',
      severity: 'error',
      from: { path: own('test/fakes/bot-api') },
      to: { path: '^(src|protocols|db|test)/', pathNot: own('test/fakes/bot-api') },
    },
    {
      name: 'no-unlisted-packages',
      severity: 'error',
      from: { path: '^(src|protocols|db)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
