// Preloaded into every process that a spec starts (see newsletter.ts). Its stdin is a pipe from the process of
// the specs, which ends however that process dies, so that nothing survives it.
//
// Plain JavaScript, because node runs it directly.
import process from 'node:process';

process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume();
process.stdin.unref();
