import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Injectable, Module } from '@nestjs/common';
import { Args, GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql';
import { RequestTokenException, TokenService } from 'nestjs-request-token';

@Injectable()
export class Invitations {
  constructor(private readonly tokens: TokenService) {}

  async link(team: string): Promise<string> {
    // A page of the front end, which sends the token on.
    const { url } = await this.tokens.issue({
      scope: 'join',
      target: '/join',
      expiresIn: '14d',
      data: { team },
    });
    return url;
  }
}

@Resolver()
export class InvitationsResolver {
  constructor(private readonly tokens: TokenService) {}

  /** For the page that asks "Join blue?". Takes no use. */
  @Query(() => String)
  async invitation(@Args('token') jwt: string): Promise<string> {
    const { code, token } = await this.tokens.inspect(jwt);
    if (code) throw new RequestTokenException(code);
    if (token?.scope !== 'join') throw new RequestTokenException('token_scope_mismatch');
    return String(token.data.team);
  }

  /** For its button. */
  @Mutation(() => String)
  async join(@Args('token') jwt: string): Promise<string> {
    const { data } = await this.tokens.redeem(jwt, { scope: 'join' });
    return `Welcome to ${String(data.team)}.`;
  }
}

@Module({
  imports: [
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      playground: false,
    }),
  ],
  providers: [Invitations, InvitationsResolver],
  exports: [Invitations],
})
export class InvitationsModule {}
