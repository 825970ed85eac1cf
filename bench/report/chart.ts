import type { Report } from './report.js';
export function drawChart(_report: Report): string {
  return '';
}
