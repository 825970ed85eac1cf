/** A mistake in how the app was started. Its message is all that a person needs, without a stack trace. */
export class StartupError extends Error {}
