import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';
import { PerRequest } from './per-request.js';

/** Injection token of what of the options runs code of the app: of each hook that some folder declares to call. */
export abstract class Hooks {}

/**
 * The hooks, whatever the factory of the options injects: one object for all, or one for each request. Whoever
 * injects it says which hooks it calls.
 */
@Injectable()
export class HooksOf<Called extends object> extends PerRequest<Called> implements OnModuleInit {
  constructor(moduleRef: ModuleRef, discovery: DiscoveryService) {
    super(Hooks, moduleRef, discovery);
  }
}
