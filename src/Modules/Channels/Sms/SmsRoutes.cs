using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.Sms;

/// <summary>Any number can be reached; a service has a single lane.</summary>
/// <param name="settings">The service's settings.</param>
/// <param name="lane">The unit that the platform limits: an account, or one of its senders.</param>
/// <param name="name">The lane's name for people.</param>
internal sealed class SmsRoutes<TSettings>(TSettings settings, string lane, string name) : IRoutes
{
    public TSettings Settings => settings;

    public IEnumerable<(string Lane, string Name)> Lanes => [(lane, name)];

    public bool Has(Receiver receiver) => PeopleKinds.IsPeople(receiver)
        || (receiver.Kind == MobileNumber.KindName && receiver.Account is { } number && MobileNumber.FaultOf(number) is null);

    public string? LaneOf(IReadOnlyList<Receiver> receivers) => lane;

    public Audience AudienceOf(IReadOnlyList<Receiver> receivers) => new([.. receivers.Select(x => x.Account ?? "")], receivers.Count);
}
