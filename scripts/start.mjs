import { become, buildWeb, checkNode, install, pinnedNode } from './prepare.mjs'

checkNode()
install()
buildWeb()
become(pinnedNode, ['--disable-warning=ExperimentalWarning', 'server/src/main.ts'])
