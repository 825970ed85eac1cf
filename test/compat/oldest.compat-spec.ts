import { describeStack } from './describe-stack.js';
import { STACKS } from './stacks.js';

describeStack(STACKS.oldest);
