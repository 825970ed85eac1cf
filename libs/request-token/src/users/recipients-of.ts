import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';
import { PerRequest } from '../common/per-request.js';
import { Recipients } from './recipients.js';

/** {@link Recipients}, whatever the app's user loader injects: one for all, or one for each request. */
@Injectable()
export class RecipientsOf extends PerRequest<Recipients> implements OnModuleInit {
  constructor(moduleRef: ModuleRef, discovery: DiscoveryService) {
    super(Recipients, moduleRef, discovery);
  }

  /** @throws Error if links are bound to what their users have, and that could not be checked */
  override onModuleInit(): void {
    super.onModuleInit();
    this.shared?.binding.assertAllKeysKnown();
  }
}
