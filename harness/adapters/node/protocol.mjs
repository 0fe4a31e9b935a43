// The adapter protocol for the Node adapters: one JSON object a line, requests on standard input, replies on standard output.

/** Answers requests until the input ends; tokens that are shown at once are all on their way before one is waited for. */
export async function serve({ hello, configure, verify }) {
  const verify_all = async ({ tokens, ...request }) =>
    ({ results: await Promise.all(tokens.map(token => verify({ ...request, token }))) })
  const operations = { __proto__: null, hello, configure, verify, verify_all }
  for await (const line of lines()) {
    const { id, op, ...request } = JSON.parse(line)
    const reply = await operations[op]?.(request) ?? { unsupported: 'op' }
    process.stdout.write(encode({ id, ...reply }) + '\n')
  }
  process.exit()
}

async function* lines() {
  let line = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    const parts = chunk.split('\n')
    parts[0] = line + parts[0]
    line = parts.pop()
    yield* parts
  }
}

// Claims that no strict JSON can carry (a lone surrogate, a nesting too deep to write) are left out.
function encode(reply) {
  try {
    const text = JSON.stringify(reply)
    if (!/\\ud[89a-f]/.test(text)) return text
  } catch {}
  return JSON.stringify({ ...reply, claims: undefined }).replaceAll(/\\ud[89a-f]../g, '\\ufffd')
}
