/** The app's DataSource or its database is not as the library needs it; the message says what to do. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}
