import { hkdfSync } from 'node:crypto';
import { Logger } from '@nestjs/common';
import connectPgSimple from 'connect-pg-simple';
import type { RequestHandler } from 'express';
import session from 'express-session';
import ms from 'ms';
import passport from 'passport';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { linkBase } from '../config/address.js';
import type { AppConfig } from '../config/app-config.js';
import { signingSecret } from '../request-tokens/signing-secret.js';
import type { Subscriber } from '../subscribers/subscriber.entity.js';
import type { SubscribersService } from '../subscribers/subscribers.service.js';
import { SESSION_COOKIE } from './session-cookie.js';

const SIGNED_IN_FOR = ms('7d');

/** Sessions of express-session in the app's database, and passport to make users of them. */
export async function sessionHandlers(
  config: AppConfig,
  dataSource: DataSource,
  subscribers: SubscribersService,
): Promise<RequestHandler[]> {
  const strategies = new passport.Passport();
  strategies.serializeUser((user, done) => done(null, (user as Subscriber).id));
  strategies.deserializeUser((id: number, done) => {
    // Whoever is gone is signed out.
    subscribers.findById(id).then((subscriber) => done(null, subscriber ?? false), done);
  });
  const secure = linkBase(config).startsWith('https:');
  return [
    ...(secure ? [markAsSecure] : []),
    session({
      name: SESSION_COOKIE,
      secret: await cookieSecret(config),
      store: storeIn(dataSource),
      resave: false,
      // Only who signs in has a session, or a cookie at all.
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: 'lax', secure, maxAge: SIGNED_IN_FOR },
    }),
    strategies.session() as RequestHandler,
    (request, response, next) => {
      response.locals.signedIn = Boolean(request.user);
      next();
    },
  ];
}

/** A proxy need not tell that browsers come by https, but BASE_URL does. */
const markAsSecure: RequestHandler = (request, _response, next) => {
  Object.defineProperty(request, 'secure', { value: true });
  next();
};

/** Another one than that of the tokens, and the same in every process that signs these alike. */
async function cookieSecret(config: AppConfig): Promise<string> {
  const key = hkdfSync('sha256', await signingSecret(config), '', 'session cookie', 32);
  return Buffer.from(key).toString('base64url');
}

/** On the connections of TypeORM, of which the embedded database has only one. */
function storeIn({ driver }: DataSource): session.Store {
  const logger = new Logger('Sessions');
  const Store = connectPgSimple(session);
  return new Store({
    pool: (driver as PostgresDriver).master as Pool,
    // A session ends when its cookie does, so there is nothing to write on every request.
    disableTouch: true,
    errorLog: (...problem: unknown[]) => logger.error(problem.map(String).join(' ')),
  });
}
