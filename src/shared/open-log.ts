import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino'

/**
 * The log of the server, a line of JSON each.
 * @param to - standard output unless told
 */
export function openLog(level: string, to?: DestinationStream): Logger {
  return pino({ level, serializers: { err: toldOf } }, to as DestinationStream)
}

/** An error may carry the connection that it broke, with its password and the texts of its statements: never more than this. */
function toldOf(error: Error) {
  const { type, message, code, stack } = stdSerializers.err(error) as ReturnType<typeof stdSerializers.err>
  return { type, message, code, stack }
}
