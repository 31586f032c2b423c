import 'reflect-metadata'
import { Migrator } from '@mikro-orm/migrations'
import { parse } from 'pg-connection-string'
import { ormConfig } from './src/server/orm.ts'

/** For the command line of MikroORM, as the owner of the tables: DATABASE_URL names the database. */
const { host, port, user, password, database } = parse(process.env.DATABASE_URL ?? 'postgres://localhost/assay')

export default {
  ...ormConfig({
    connection: {
      host: host ?? 'localhost',
      port: Number(port ?? 5432),
      user,
      password,
      database: database ?? 'assay',
    },
    poolSize: 2,
  }),
  extensions: [Migrator],
}
