using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.Sms;

/// <summary>Any number can be reached, by the one lane of a service.</summary>
/// <param name="settings">Of the service.</param>
/// <param name="lane">What the platform paces: an account, or a sender of it.</param>
/// <param name="name">What people call that.</param>
internal sealed class SmsRoutes<TSettings>(TSettings settings, string lane, string name) : IRoutes
{
    public TSettings Settings => settings;

    public IEnumerable<(string Lane, string Name)> Lanes => [(lane, name)];

    public bool Has(Receiver receiver) => PeopleKinds.IsPeople(receiver)
        || (receiver.Kind == MobileNumber.KindName && receiver.Account is { } number && MobileNumber.FaultOf(number) is null);

    public string? LaneOf(IReadOnlyList<Receiver> receivers) => lane;

    public Audience AudienceOf(IReadOnlyList<Receiver> receivers) => new([.. receivers.Select(x => x.Account ?? "")], receivers.Count);
}
