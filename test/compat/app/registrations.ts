import { type DynamicModule, Inject, Injectable, Module } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  type RequestTokenModuleOptions,
  RequestTokenModule,
  type RequestTokenOptionsFactory,
  RequestTokenUserLoader,
} from 'nestjs-request-token';
import { DataSource } from 'typeorm';
import { User } from './user.entity.js';

const OPTIONS: RequestTokenModuleOptions = {
  keys: process.env.REQUEST_TOKEN_SECRET,
  baseUrl: 'https://example.com',
  issuer: 'compat',
};

@Injectable()
export class Secrets {
  // A true private field, which a proxy or a copy of the instance does not have.
  readonly #options = OPTIONS;

  options(): RequestTokenModuleOptions {
    return this.#options;
  }
}

@Module({ providers: [Secrets], exports: [Secrets] })
class SecretsModule {}

@Injectable()
class OptionsFactory implements RequestTokenOptionsFactory {
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  async createRequestTokenOptions(): Promise<RequestTokenModuleOptions> {
    return Promise.resolve(this.#secrets.options());
  }
}

@Module({ imports: [SecretsModule], providers: [OptionsFactory], exports: [OptionsFactory] })
class OptionsModule {}

/** Made for each request, as that of an app with tenants. */
@Injectable()
class UserLoader extends RequestTokenUserLoader {
  readonly #dataSource: DataSource;
  readonly #request: { headers: object };

  constructor(dataSource: DataSource, @Inject(REQUEST) request: { headers: object }) {
    super();
    this.#dataSource = dataSource;
    this.#request = request;
  }

  override load(userId: string): Promise<User | null> {
    if (typeof this.#request?.headers !== 'object') throw new Error('There is no request.');
    return this.#dataSource.manager.findOneBy(User, { id: Number(userId) });
  }
}

const users = { entity: User };

/** Every way to register the module. */
export const REGISTRATIONS: Record<string, () => DynamicModule> = {
  forRoot: () => RequestTokenModule.forRoot({ ...OPTIONS, users }),
  useFactory: () =>
    RequestTokenModule.forRootAsync({
      imports: [SecretsModule],
      inject: [Secrets],
      useFactory: (secrets: Secrets) => secrets.options(),
      users,
    }),
  useClass: () =>
    RequestTokenModule.forRootAsync({
      imports: [SecretsModule],
      useClass: OptionsFactory,
      users: UserLoader,
    }),
  useExisting: () =>
    RequestTokenModule.forRootAsync({ imports: [OptionsModule], useExisting: OptionsFactory, users }),
};
