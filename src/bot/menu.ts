import type { Bot } from 'grammy'

interface MenuLine {
  readonly command: string
  readonly en: string
  readonly zh: string
  /** Also offered in groups to people who cannot change settings. */
  readonly everybody?: boolean
}

const MENU: readonly MenuLine[] = [
  { command: 'add', en: 'Watch a wallet: address, threshold, label', zh: '监控钱包：地址、阈值、名称' },
  {
    command: 'check',
    en: 'Read your loans now, worst first',
    zh: '立即查看借贷，最危险的在前',
    everybody: true,
  },
  {
    command: 'position',
    en: 'One loan in detail: tokens, rates, liquidation prices',
    zh: '借贷详情：代币、利率、清算价格',
    everybody: true,
  },
  {
    command: 'rescue',
    en: 'What to repay or add to be safe',
    zh: '脱险方案：该还多少或加多少抵押',
    everybody: true,
  },
  { command: 'list', en: 'Your wallets and when they ring', zh: '钱包列表与提醒阈值', everybody: true },
  { command: 'threshold', en: 'When I ring', zh: '设置提醒阈值' },
  {
    command: 'settings',
    en: 'Quiet hours, repeats, second chat',
    zh: '设置：免打扰时段、重复提醒、第二聊天',
  },
  { command: 'pair', en: 'Hear what another chat does not answer', zh: '用配对码接收另一聊天无人回应的警报' },
  { command: 'unpair', en: 'No more alerts of other chats here', zh: '不再接收其他聊天的警报' },
  { command: 'label', en: 'Rename a wallet', zh: '重命名钱包' },
  { command: 'remove', en: 'Stop watching a wallet', zh: '停止监控钱包' },
  { command: 'snooze', en: 'Quiet for a while at the present levels', zh: '暂时静音当前级别' },
  { command: 'history', en: 'The alerts of the last 30 days', zh: '最近 30 天的提醒', everybody: true },
  {
    command: 'pools',
    en: 'Where money earns most now',
    zh: '当前收益最高的机会',
    everybody: true,
  },
  { command: 'poolalerts', en: 'Which opportunities I tell of, and when', zh: '收益机会提醒：开关与规则' },
  { command: 'tokens', en: 'The tokens you want to hear of', zh: '关注的代币列表', everybody: true },
  {
    command: 'lp',
    en: 'Positions on Meteora: in or out of range',
    zh: 'Meteora 仓位：是否在区间内',
    everybody: true,
  },
  { command: 'drill', en: 'An exercise: does an alert wake you', zh: '演练：提醒能否叫醒你' },
  { command: 'example', en: 'How an alert looks', zh: '提醒示例', everybody: true },
  { command: 'status', en: 'Is everything all right', zh: '运行状态', everybody: true },
  { command: 'protocols', en: 'What I watch, with links', zh: '支持的协议', everybody: true },
  { command: 'stop', en: 'No more alerts in this chat', zh: '关闭本聊天的提醒' },
  { command: 'resume', en: 'Alerts again', zh: '恢复提醒' },
  { command: 'help', en: 'All commands with examples', zh: '全部命令与示例', everybody: true },
]
const ADMIN_MENU: readonly MenuLine[] = [
  { command: 'stats', en: 'Figures of this bot', zh: '机器人统计' },
  { command: 'doctor', en: 'Self-check: what is wrong and what to change', zh: '自检：问题与修复建议' },
  { command: 'poolpause', en: 'No pool alerts for anybody', zh: '暂停所有收益机会提醒' },
  { command: 'poolresume', en: 'Pool alerts again', zh: '恢复收益机会提醒' },
]

function inLanguage(menu: readonly MenuLine[], language: 'en' | 'zh') {
  return menu.map((line) => ({ command: line.command, description: line[language] }))
}

/**
 * Tells Telegram's clients which commands to offer: all of them in private chats and to group admins, in groups only those
 * that everybody may use, and the admin ones in the operator's own chats. It shows things; it permits nothing.
 */
export async function publishCommands(bot: Bot, adminIds: readonly number[]): Promise<void> {
  const everybody = MENU.filter((line) => line.everybody === true)
  for (const [language_code, language] of [
    [undefined, 'en'],
    ['zh', 'zh'],
  ] as const) {
    const code = language_code === undefined ? {} : { language_code }
    await bot.api.setMyCommands(inLanguage(MENU, language), { scope: { type: 'default' }, ...code })
    for (const type of ['all_private_chats', 'all_chat_administrators'] as const) {
      await bot.api.setMyCommands(inLanguage(MENU, language), { scope: { type }, ...code })
    }
    await bot.api.setMyCommands(inLanguage(everybody, language), {
      scope: { type: 'all_group_chats' },
      ...code,
    })
    for (const chat_id of adminIds) {
      const scope = { type: 'chat', chat_id } as const
      // Refused until that person has written to the bot; they see the ordinary menu until the next start then.
      await bot.api
        .setMyCommands(inLanguage([...MENU, ...ADMIN_MENU], language), { scope, ...code })
        .catch(() => undefined)
    }
  }
}
