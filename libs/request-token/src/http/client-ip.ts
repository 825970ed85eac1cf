import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

const WITH_PORT = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>\d+\.\d+\.\d+\.\d+))(?::\d+)?$/;

/**
 * An IP address as the log keeps it: without port, zone and the `::ffff:` of an IPv4 address. Behind a
 * trusted proxy `request.ip` is whatever the proxy passed on, so it may be no address at all: null.
 */
export function toClientIp(ip: unknown): string | null {
  if (typeof ip !== 'string') return null;
  // Most are, and there is nothing to do about them.
  if (isIPv4(ip)) return ip;
  const { v4, v6 } = WITH_PORT.exec(ip)?.groups ?? {};
  const [address] = (v4 ?? v6 ?? ip).split('%', 1);
  const isAddress = ipaddr.IPv6.isValid(address) || ipaddr.IPv4.isValidFourPartDecimal(address);
  return isAddress ? ipaddr.process(address).toString() : null;
}
