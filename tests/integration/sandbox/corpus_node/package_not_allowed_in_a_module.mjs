// expect: package_rejected
// allowed: path
import path from 'node:path';
import { existsSync } from 'node:fs';

export const handler = async () => existsSync(path.sep);
