import type { Abstract } from '@nestjs/common';
import { type ContextId, ContextIdFactory, type DiscoveryService, type ModuleRef } from '@nestjs/core';
import { REQUEST_CONTEXT_ID } from '@nestjs/core/router/request/request-constants.js';

/**
 * A provider of this module that may depend on what is made for each request. Whoever injects such a provider
 * is made for each request, too, and Nest makes none of them at boot: no guard, no hook, and not a word of it.
 * So the static providers of this module ask here instead.
 */
export class PerRequest<Provider extends object> {
  protected shared?: Provider;

  constructor(
    private readonly token: Abstract<object>,
    private readonly moduleRef: ModuleRef,
    private readonly discovery: DiscoveryService,
  ) {}

  /** For hooks: all providers are made by then. */
  onModuleInit(): void {
    if (this.wrapper().isDependencyTreeStatic()) this.shared = this.moduleRef.get<Provider>(this.token);
  }

  /**
   * What everything sees that is made for this request; without a request, one that is made for this call.
   * No promise if there is one for all.
   */
  of(request?: object): Provider | Promise<Provider> {
    if (this.shared) return this.shared;
    const wrapper = this.wrapper();
    if (wrapper.isDependencyTreeStatic()) return this.moduleRef.get<Provider>(this.token);
    const isDurable = wrapper.isDependencyTreeDurable();
    const contextId = request ? contextIdOf(request, isDurable, this.moduleRef) : ContextIdFactory.create();
    return this.moduleRef.resolve<Provider>(this.token, contextId);
  }

  private wrapper() {
    const wrapper = this.discovery.getProviders().find(({ token }) => token === this.token);
    if (!wrapper) throw new Error(`${this.token.name} is no provider of this app`);
    return wrapper;
  }
}

/** As Nest's router does it for controllers, which come later and then find what is here. */
function contextIdOf(request: object, isDurable: boolean, moduleRef: ModuleRef): ContextId {
  const contextId = ContextIdFactory.getByRequest(request);
  if (REQUEST_CONTEXT_ID in request) return contextId;
  if (isDurable) {
    // What is durable is shared by an id of the app's strategy, and sees the payload instead of a request.
    moduleRef.registerRequestByContextId(contextId.payload, contextId);
  } else {
    Object.defineProperty(request, REQUEST_CONTEXT_ID, { value: contextId });
    moduleRef.registerRequestByContextId(Object.assign(request, contextId.payload), contextId);
  }
  return contextId;
}
