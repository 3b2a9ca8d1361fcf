using Notify.Ui.Resources;

namespace Notify.Ui.Tests.Resources;

public sealed class KindWordsTests
{
    [Theory]
    [InlineData("rule", "rule", "rules", "通知规则")]
    [InlineData("rules", "rule", "rules", "通知规则")]
    [InlineData("apikey", "API key", "API keys", "API 密钥")]
    [InlineData("apiKey", "API key", "API keys", "API 密钥")]
    [InlineData("api-keys", "API key", "API keys", "API 密钥")]
    [InlineData("API key", "API key", "API keys", "API 密钥")]
    [InlineData("policy", "approval policy", "approval policies", "审批策略")]
    [InlineData("schema", "database schema", "database schemas", "数据库结构")]
    [InlineData("link", "link in a message", "links in messages", "通知中的链接")]
    [InlineData("tower", "tower", "tower", "tower")]
    public void a_kind_has_one_word_however_the_api_writes_it(string kind, string one, string many, string chinese)
    {
        (KindWords.One(kind).En, KindWords.Many(kind).En).Should().Be((one, many));
        (KindWords.One(kind).Zh, KindWords.Many(kind).Zh).Should().Be((chinese, chinese));
    }
}
