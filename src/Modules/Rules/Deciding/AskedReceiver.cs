using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Deciding;

/// <summary>Whom a question is about: <c>zhangsan</c> (whoever is called so), <c>account:zhangsan</c> or <c>bot:Line 1</c>. Names are compared as <see cref="Names"/> does.</summary>
public sealed record AskedReceiver
{
    private const string AccountPrefix = Receiver.AccountKind + ":";
    private const string BotPrefix = Receiver.Bot + ":";
    private readonly bool accounts;
    private readonly bool robots;

    public AskedReceiver(string text)
    {
        var (account, bot) = (text.StartsWith(AccountPrefix, StringComparison.Ordinal), text.StartsWith(BotPrefix, StringComparison.Ordinal));
        Name = account ? text[AccountPrefix.Length..] : bot ? text[BotPrefix.Length..] : text;
        (accounts, robots) = (!bot, !account);
    }

    public string Name { get; }

    public AskedReceiver AsRobot => new(BotPrefix + Name);

    /// <summary>What they would be called in an action.</summary>
    public IEnumerable<Receiver> Candidates
    {
        get
        {
            if (robots) yield return new(Receiver.Bot, Alias: Name);
            if (accounts) yield return new(Receiver.AccountKind, Account: Name);
        }
    }

    /// <summary>Whether a receiver of an action is, or includes, the one who is asked about: <c>@all</c> includes every account.</summary>
    public bool IsMeantBy(Receiver receiver) => receiver.Kind == Receiver.Bot
        ? robots && Same(receiver.Alias)
        : accounts && (Same(receiver.Account) || receiver.Account == Receiver.All);

    private bool Same(string? name) => Names.Same(name, Name);
}
