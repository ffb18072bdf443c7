/** Owns resources and closes them in reverse order, once. Acquire through `own` at the line that opens. */
export class Scope {
  readonly #closers: (() => void | Promise<void>)[] = [];
  #closed: Promise<void> | undefined;

  /**
   * Registers `close` to run when this scope closes and returns the resource.
   * On a scope that has already closed the resource is closed at once, so a late acquisition cannot leak.
   */
  own<T>(resource: T, close: (resource: T) => void | Promise<void>): T {
    if (this.#closed === undefined) this.#closers.push(() => close(resource));
    // Nobody waits for it any more, so there is nobody to tell.
    else void (async () => close(resource))().catch(() => undefined);
    return resource;
  }

  /** A scope that closes with this one, or earlier by itself. */
  child(): Scope {
    return this.own(new Scope(), (scope) => scope.close());
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /**
   * Closes everything in reverse order; one promise for every caller, and one failing closer does not spare the others.
   * @throws AggregateError with every failure, after all closers have run.
   */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  async #closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, "shutdown was not clean");
  }
}
