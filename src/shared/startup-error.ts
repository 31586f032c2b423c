/** A reason not to start, told to the operator in one line. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
}
