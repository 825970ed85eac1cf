import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Req } from '@nestjs/common';
import { type IssueOptions, type RequestTokenRequest, UseRequestToken } from 'nestjs-request-token';
import { TestApp } from '../../support/test-app.js';
import { ADAPTERS_AND_KINDS } from '../../support/token-kinds.js';
import { User } from '../../support/user.entity.js';

@Controller('invoices')
class InvoicesController {
  @Get('latest')
  @UseRequestToken({ scope: 'invoice', direct: true })
  latest(@Req() { user }: RequestTokenRequest) {
    return (user as User).name;
  }

  @Get(':id')
  @UseRequestToken({ direct: true })
  one(@Req() { user }: RequestTokenRequest) {
    return (user as User).name;
  }

  @All(':id/pay')
  @UseRequestToken({ scope: 'pay', confirm: true })
  pay(@Req() { user }: RequestTokenRequest) {
    return (user as User).name;
  }
}

describe.each(ADAPTERS_AND_KINDS)('%s: A link of a %s token', (adapter, _, defaults) => {
  let app: TestApp;
  let ann: User;
  /** Whom the app knows already, by its own login. */
  let known: User | undefined;

  beforeAll(async () => {
    app = await TestApp.start({
      adapter,
      controllers: [InvoicesController],
      entities: [User],
      token: { defaults, users: { entity: User } },
      configure: (nest) =>
        nest.use((req: RequestTokenRequest, _res: unknown, next: () => void) => {
          if (known) req.user = known;
          next();
        }),
    });
    ann = await app.dataSource.manager.save(User, { name: 'Ann' });
  });
  afterAll(() => app.close());

  const PLACES = ['/invoices/latest', '/invoices/1', '/invoices/2', '/invoices/1/pay', '/invoices/2/pay'];

  it.each<[string, Partial<IssueOptions>, string[]]>([
    ['a scope', { scope: 'invoice' }, ['/invoices/latest']],
    ['another scope', { scope: 'pay' }, ['/invoices/1/pay', '/invoices/2/pay']],
    ['a path', { target: '/invoices/1' }, ['/invoices/1']],
    ['a scope and a path', { scope: 'pay', target: '/invoices/2/pay' }, ['/invoices/2/pay']],
    ['a scope that is nowhere', { scope: 'elsewhere' }, []],
    ['a path whose route asks for a scope', { target: '/invoices/latest' }, []],
  ])('bound to %s is good nowhere else', async (_, options, places) => {
    known = undefined;
    const { jwt, token } = await app.tokens.issue({ user: ann, maxUses: null, ...options });
    const open = async (path: string) => {
      const method = path.endsWith('/pay') ? 'post' : 'get';
      const { status, text } = await app.http[method](path).query({ rt: jwt });
      return status === 200 && text === 'Ann';
    };
    const opened: string[] = [];
    for (const path of PLACES) if (await open(path)) opened.push(path);
    expect(opened).toEqual(places);
    expect(await app.uses(token.id)).toBe(places.length);
  });

  it('is good for its own user, and for nobody else who is known', async () => {
    const { url, token } = await app.tokens.issue({
      user: ann,
      scope: 'invoice',
      target: '/invoices/latest',
      maxUses: 2,
    });
    known = await app.dataSource.manager.save(User, { name: 'Bob' });
    await app
      .get(url)
      .expect(403)
      .expect(({ body }) => expect(body.code).toBe('token_audience_mismatch'));
    known = ann;
    await app.get(url).expect(200, 'Ann');
    known = undefined;
    await app.get(url).expect(200, 'Ann');
    expect(await app.uses(token.id)).toBe(2);
  });

  it('is good for nobody when its user is gone', async () => {
    known = undefined;
    const gone = await app.dataSource.manager.save(User, { name: 'Gus' });
    const { url, token } = await app.tokens.issue({
      user: gone,
      scope: 'invoice',
      target: '/invoices/latest',
    });
    await app.dataSource.manager.softDelete(User, gone.id);
    await app
      .get(url)
      .expect(403)
      .expect(({ body }) => expect(body.code).toBe('token_user_not_found'));
    expect(await app.uses(token.id)).toBe(0);
  });

  it('outside HTTP is held against what the caller names', async () => {
    const { jwt } = await app.tokens.issue({ user: ann, scope: 'invoice', target: '/invoices/1' });
    for (const wrong of [{ scope: 'pay' }, { target: '/invoices/2' }, { user: ann.id + 1 }])
      await expect(app.tokens.redeem(jwt, wrong)).rejects.toMatchObject({ status: 403 });
    await app.tokens.redeem(jwt, { scope: 'invoice', target: '/invoices/1', user: ann });
  });
});
