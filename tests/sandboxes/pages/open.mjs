// Serves the folder that is named, opens it in the browser, clicks its button, and prints what was seen as JSON.
import express from 'express'
import { chromium } from 'playwright-core'

const [folder, picture, executablePath, ...args] = process.argv.slice(2)
const server = express().use(express.static(folder)).listen(0, '127.0.0.1')
const browser = await chromium.launch({ executablePath, args })
const page = await browser.newPage({ viewport: { width: 320, height: 200 } })
const said = []
page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`))
page.on('pageerror', (error) => said.push(`thrown: ${error.message}`))
await page.goto(`http://127.0.0.1:${server.address().port}/`)
await page.getByRole('button').click()
// what a click changes is drawn a moment later; where it never is, what stands there is told
await page.getByText('clicked 3').waitFor({ timeout: 5_000 }).catch(() => {})
const button = (await page.getByRole('button').textContent()).trim()
await page.screenshot({ path: picture })
await browser.close()
server.close()
console.log(JSON.stringify({ said, button }))
