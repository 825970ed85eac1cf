import { expect, it } from '@jest/globals';
import { Controller, Get, Injectable } from '@nestjs/common';
import { Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { UseRequestToken } from 'nestjs-request-token';
import { TestApp } from '../../support/test-app.js';

/** As `@SubscribeMessage()` leaves it, whose package this workspace does not have. */
const SubscribeMessage = (): MethodDecorator => (_target, _name, descriptor) => {
  Reflect.defineMetadata('websockets:message_mapping', true, descriptor.value as object);
};

@Controller()
@UseRequestToken({ scope: 'page' })
class Hybrid {
  @Get('page')
  page() {}

  @MessagePattern('asked')
  asked() {}

  @EventPattern('happened')
  happened(data: unknown) {
    return data;
  }

  helper() {}
}

@Controller()
class Child extends Hybrid {
  @MessagePattern('asked-again')
  askedAgain() {}
}

@Injectable()
@UseRequestToken({ scope: 'page' })
class Gateway {
  @SubscribeMessage()
  message() {}

  helper() {}
}

@Resolver()
@UseRequestToken({ scope: 'page' })
class ClassResolver {
  @Query(() => String)
  query() {}

  @Mutation(() => String)
  mutation() {}

  @ResolveField(() => String)
  field() {}

  helper() {}
}

@Injectable()
class Undecorated {
  @SubscribeMessage()
  message() {}
}

it('a decorator on a class is warned of for each method of it that is no HTTP route, as one on the method is', async () => {
  const warnings: string[] = [];
  const logger = { log() {}, error() {}, warn: (text: string) => warnings.push(text) };
  const app = await TestApp.start({
    controllers: [Hybrid, Child],
    providers: [Gateway, ClassResolver, Undecorated],
    logger,
  });
  await app.close();
  const names = warnings
    .filter((text) => text.includes('does nothing here'))
    .map((text) => text.split(':')[0]);
  expect(names.sort()).toEqual([
    'Child.asked',
    'Child.askedAgain',
    'Child.happened',
    'ClassResolver.field',
    'ClassResolver.mutation',
    'ClassResolver.query',
    'Gateway.message',
    'Hybrid.asked',
    'Hybrid.happened',
  ]);
});
