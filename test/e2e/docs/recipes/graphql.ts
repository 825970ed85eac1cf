import { Injectable } from '@nestjs/common';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { TokenService } from 'nestjs-request-token';

@Injectable()
export class Invitations {
  constructor(private readonly tokens: TokenService) {}

  async link(team: string): Promise<string> {
    // A page of the front end, which sends the token on.
    const { url } = await this.tokens.issue({ scope: 'join', target: '/join', data: { team } });
    return url;
  }
}

@Resolver()
export class InvitationsResolver {
  constructor(private readonly tokens: TokenService) {}

  @Mutation(() => String)
  async join(@Args('token') token: string): Promise<string> {
    const { data } = await this.tokens.redeem(token, { scope: 'join' });
    return `Welcome to ${String(data.team)}.`;
  }
}
