import { Inject, Injectable } from '@nestjs/common';
import { ContextIdFactory, ModuleRef } from '@nestjs/core';
import { REQUEST_TOKEN_SETTINGS } from '../common/constants.js';
import { Readiness } from '../common/readiness.js';
import { StatementBounds } from '../database/statement-bounds.js';
import { KeyRing } from '../jwt/key-ring.js';
import { MODULE_OPTIONS_TOKEN } from './request-token.module-definition.js';
import type { RequestTokenModuleOptions } from './request-token.options.js';
import { createSettings, type Settings } from './settings.js';

/** Not a provider: what injects the options is made for each request if the factory of the options is. */
@Injectable()
class GivenOptions {
  constructor(@Inject(MODULE_OPTIONS_TOKEN) readonly options: RequestTokenModuleOptions) {}
}

/**
 * Reads the options when the app starts, and fills in the settings and the keys.
 *
 * The providers of the module do not depend on the options, so that these cannot stop them from being made: the
 * options may come from what is made for each request, and from what injects TokenService itself, as a service
 * does that sends fresh links.
 */
@Injectable()
export class Setup {
  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly keys: KeyRing,
    private readonly bounds: StatementBounds,
    @Inject(REQUEST_TOKEN_SETTINGS) private readonly settings: Settings,
    private readonly readiness: Readiness,
  ) {}

  /** @throws Error that names every option that has to be mended, and how */
  async run(): Promise<Settings> {
    try {
      const { options } = await this.moduleRef.create(GivenOptions, ContextIdFactory.create());
      Object.assign(this.settings, createSettings(options));
      this.bounds.statementTimeout = this.settings.statementTimeout;
      await this.keys.load(this.settings.keys);
      this.readiness.reached();
      return this.settings;
    } catch (error) {
      this.readiness.failed(error);
      throw error;
    }
  }
}
