import { afterEach, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Inject, Injectable, Module, Req, Scope, type Type } from '@nestjs/common';
import {
  type ContextId,
  ContextIdFactory,
  type ContextIdStrategy,
  type HostComponentInfo,
  REQUEST,
} from '@nestjs/core';
import {
  type RequestTokenModuleExtras,
  type RequestTokenRequest,
  RequestTokenUserLoader,
  UseRequestToken,
} from 'nestjs-request-token';
import { ADAPTER_NAMES } from '../../support/adapters.js';
import { TestApp } from '../../support/test-app.js';

interface TenantRequest {
  headers: Record<string, string>;
  tenant?: string;
}

/** A user who says who found it, and for whom. */
const found = (id: string, request: TenantRequest | undefined, instance: object) => ({
  id,
  tenant: request?.headers ? request.headers['x-tenant'] : request?.tenant,
  by: serialOf(instance),
});

const serials = new WeakMap<object, number>();
let lastSerial = 0;
const serialOf = (instance: object) => {
  const serial = serials.get(instance) ?? ++lastSerial;
  serials.set(instance, serial);
  return serial;
};

@Injectable()
class InjectsTheRequest extends RequestTokenUserLoader {
  constructor(@Inject(REQUEST) private readonly request: TenantRequest) {
    super();
  }

  load(id: string) {
    return Promise.resolve(found(id, this.request, this));
  }
}

@Injectable({ scope: Scope.REQUEST })
class IsRequestScoped extends RequestTokenUserLoader {
  @Inject(REQUEST) private readonly request!: TenantRequest;

  load(id: string) {
    return Promise.resolve(found(id, this.request, this));
  }
}

@Injectable({ scope: Scope.REQUEST })
class Tenant {
  constructor(@Inject(REQUEST) readonly request: TenantRequest) {}
}

@Injectable()
class Directory {
  constructor(readonly tenant: Tenant) {}
}

@Injectable({ scope: Scope.TRANSIENT })
class Transient {}

@Module({ providers: [Tenant, Directory, Transient], exports: [Directory, Transient] })
class DirectoryModule {}

@Injectable()
class InjectsWhatInjectsTheRequest extends RequestTokenUserLoader {
  constructor(private readonly directory: Directory) {
    super();
  }

  load(id: string) {
    return Promise.resolve(found(id, this.directory.tenant.request, this.directory));
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class IsTransient extends RequestTokenUserLoader {
  constructor(private readonly part: Transient) {
    super();
  }

  load(id: string) {
    return Promise.resolve(found(id, undefined, this.part));
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class IsDurable extends RequestTokenUserLoader {
  constructor(@Inject(REQUEST) private readonly payload: TenantRequest) {
    super();
  }

  load(id: string) {
    return Promise.resolve(found(id, this.payload, this));
  }
}

@Controller()
class MeController {
  handled = 0;

  @Get('me')
  @UseRequestToken({ scope: 'me' })
  me(@Req() { user }: RequestTokenRequest) {
    this.handled += 1;
    return user;
  }

  @All('confirmed')
  @UseRequestToken({ scope: 'me', confirm: true })
  confirmed(@Req() { user }: RequestTokenRequest) {
    this.handled += 1;
    return user;
  }
}

@Controller()
class DirectoryController {
  constructor(
    private readonly directory: Directory,
    @Inject(REQUEST) private readonly request: TenantRequest,
  ) {}

  @Get('directory')
  @UseRequestToken({ scope: 'me' })
  show(@Req() { user }: RequestTokenRequest) {
    return { user, by: serialOf(this.directory), tenant: this.request.headers['x-tenant'] };
  }
}

/** One sub-tree of what is durable for each tenant, as Nest's docs show it. */
class TenantStrategy implements ContextIdStrategy<TenantRequest> {
  private readonly tenants = new Map<string, ContextId>();

  attach(contextId: ContextId, request: TenantRequest) {
    const tenant = request.headers['x-tenant'];
    const shared = this.tenants.get(tenant) ?? ContextIdFactory.create();
    this.tenants.set(tenant, shared);
    return {
      resolve: ({ isTreeDurable }: HostComponentInfo) => (isTreeDurable ? shared : contextId),
      payload: { tenant },
    };
  }
}

describe.each(ADAPTER_NAMES)('%s: A user loader', (adapter) => {
  let app: TestApp;
  const start = async (users: RequestTokenModuleExtras['users'], options: object = {}) => {
    app = await TestApp.start({
      adapter,
      controllers: [MeController],
      token: { users, imports: [DirectoryModule] },
      ...options,
    });
  };
  afterEach(async () => {
    ContextIdFactory.apply(undefined as never);
    await app.close();
  });

  const open = async (path = '/me', tenant = 'north') => {
    const { jwt } = await app.tokens.issue({ user: 'ann', scope: 'me' });
    return app.http.get(path).query({ rt: jwt }).set('X-Tenant', tenant);
  };

  describe.each<[string, Type<RequestTokenUserLoader>]>([
    ['that injects the request', InjectsTheRequest],
    ['of scope REQUEST', IsRequestScoped],
    ['that injects what injects the request', InjectsWhatInjectsTheRequest],
  ])('%s', (_, loader) => {
    it('opens no route without a token', async () => {
      await start(loader);
      for (const path of ['/me', '/me?rt=junk', '/confirmed', '/confirmed?rt=junk']) {
        for (const method of ['get', 'head', 'post'] as const) {
          const { status } = await app.http[method](path);
          expect([path, method, status]).toEqual([
            path,
            method,
            path.startsWith('/me') && method === 'post' ? 404 : 403,
          ]);
        }
      }
      expect(app.app.get(MeController).handled).toBe(0);
    });

    it('is that of the request', async () => {
      await start(loader);
      expect((await open('/me', 'north')).body).toMatchObject({ id: 'ann', tenant: 'north' });
      expect((await open('/me', 'south')).body).toMatchObject({ id: 'ann', tenant: 'south' });
      const { jwt } = await app.tokens.issue({ user: 'ann', scope: 'me' });
      expect((await app.http.get('/confirmed').query({ rt: jwt })).text).toContain('<form');
      const answer = await app.http.post('/confirmed').query({ rt: jwt }).set('X-Tenant', 'west');
      expect(answer.body).toMatchObject({ tenant: 'west' });
    });

    it('is there outside HTTP', async () => {
      await start(loader);
      const { jwt, token } = await app.tokens.issue({ user: { id: 'ann' }, scope: 'me', maxUses: 2 });
      expect(token.userId).toBe('ann');
      expect(await app.tokens.redeem(jwt, { scope: 'me', user: 'ann' })).toMatchObject({ useCount: 1 });
      await expect(app.tokens.redeem(jwt, { scope: 'me', user: 'bob' })).rejects.toThrow('another');
      expect(await app.tokens.inspect(jwt)).toMatchObject({ usable: true });
      expect(await app.tokens.revoke({ user: { id: 'ann' } })).toBe(1);
    });
  });

  it('is the same one that a request-scoped controller sees', async () => {
    await start(InjectsWhatInjectsTheRequest, {
      imports: [DirectoryModule],
      controllers: [DirectoryController],
    });
    const { body } = await open('/directory', 'north');
    expect(body).toMatchObject({ tenant: 'north', user: { tenant: 'north' } });
    const { by, user } = body as { by: number; user: { by: number } };
    expect(by).toBe(user.by);
    expect((await open('/directory', 'north')).body).not.toMatchObject({ by });
  });

  it('may be transient', async () => {
    await start(IsTransient, { imports: [DirectoryModule] });
    expect((await open()).body).toMatchObject({ id: 'ann' });
  });

  it('may be durable: one for each tenant', async () => {
    ContextIdFactory.apply(new TenantStrategy());
    await start(IsDurable, { controllers: [MeController, DirectoryController], imports: [DirectoryModule] });
    const north = (await open('/me', 'north')).body as { by: number };
    expect(north).toMatchObject({ id: 'ann', tenant: 'north' });
    expect((await open('/me', 'north')).body).toEqual(north);
    const south = (await open('/me', 'south')).body as { by: number };
    expect(south).toMatchObject({ tenant: 'south' });
    expect(south.by).not.toBe(north.by);
    // The request of others is left alone.
    expect((await open('/directory', 'north')).body).toMatchObject({ user: north, tenant: 'north' });
  });
});
